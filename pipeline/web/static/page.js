"use strict";
// What the page can do more with a script: progress of an upload, counts that follow each change, live figures, the row
// table without loading the screen again. Every form works without it.
(() => {
  const part = async (url, options, place) => {
    place.classList.add("busy");
    const answer = await fetch(url, { ...options, headers: { "X-Part": "picked" } });
    const text = await answer.text();
    if (answer.ok) place.innerHTML = text; else place.textContent = text;
    place.classList.remove("busy");
    return answer.ok;
  };

  const bring = document.getElementById("bring");
  if (bring) {
    const file = document.getElementById("file"), drop = bring.querySelector(".drop");
    const state = document.getElementById("bring-state"), bar = document.getElementById("bring-bar");
    const send = () => {
      if (!file.files.length) { file.reportValidity(); return; }
      if (file.files[0].size > Number(bring.dataset.largest)) { state.textContent = bring.dataset.tooLarge; return; }
      const request = new XMLHttpRequest();
      bar.hidden = false;
      state.textContent = bring.dataset.sending;
      request.upload.onprogress = (event) => { bar.value = event.lengthComputable ? 100 * event.loaded / event.total : 0; };
      request.upload.onload = () => { bar.removeAttribute("value"); state.textContent = bring.dataset.reading; };
      request.onload = () => {
        if (request.status < 400 && request.responseURL) { location.assign(request.responseURL); return; }
        document.open(); document.write(request.responseText); document.close();
      };
      request.onerror = () => { bar.hidden = true; state.textContent = bring.dataset.tooLarge; };
      request.open("POST", bring.action);
      request.send(new FormData(bring));
    };
    bring.addEventListener("submit", (event) => { event.preventDefault(); send(); });
    file.addEventListener("change", send);
    for (const name of ["dragover", "dragenter"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => { event.preventDefault(); file.files = event.dataTransfer.files; send(); });
  }

  const choices = document.getElementById("choices");
  if (choices) {
    const picked = document.getElementById("picked");
    let last = 0, timer = 0;
    const count = async () => {
      const mine = ++last, place = document.createElement("div");
      picked.classList.add("busy");
      await part(choices.action, { method: "POST", body: new FormData(choices) }, place);
      if (mine === last) { picked.replaceChildren(...place.childNodes); picked.classList.remove("busy"); }
    };
    choices.addEventListener("change", (event) => {
      const target = event.target;
      if (target.name === "word") choices.querySelector('[name="picked_by"][value="words"]').checked = true;
      if (target.dataset && "again" in target.dataset) { choices.requestSubmit(choices.querySelector('[name="make"][value=""]')); return; }
      count();
    });
    choices.addEventListener("input", (event) => {
      if (!["awbs", "older_than", "limit"].includes(event.target.name) && !event.target.name.endsWith(":value")) return;
      if (event.target.name === "awbs") choices.querySelector('[name="picked_by"][value="awbs"]').checked = true;
      clearTimeout(timer);
      timer = setTimeout(count, 250);
    });
    const columns = [...choices.querySelectorAll("select[data-column]")];
    for (const button of choices.querySelectorAll(".pick")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const list = document.createElement("select");
        list.setAttribute("aria-label", button.textContent);
        list.append(new Option("…", ""), ...columns.map((one) => new Option(one.labels[0].firstChild.textContent.trim(), one.dataset.column)));
        list.addEventListener("change", (event) => {
          event.stopPropagation();
          const chosen = columns.find((one) => one.dataset.column === list.value);
          list.remove();
          if (chosen) { chosen.value = button.dataset.said; chosen.dispatchEvent(new Event("change", { bubbles: true })); }
        });
        button.replaceWith(list);
        list.focus();
      });
    }
  }

  const form = document.getElementById("rows-form"), rows = document.getElementById("rows");
  if (form && rows) {
    let timer = 0;
    const show = (extra = {}) => {
      const asked = new URLSearchParams(new FormData(form));
      for (const [name, value] of Object.entries(extra)) asked.set(name, value);
      form.elements.sort.value = asked.get("sort");
      form.elements.down.value = asked.get("down");
      return part(form.dataset.rows + "?" + asked, {}, rows);
    };
    form.addEventListener("change", () => show());
    form.addEventListener("input", (event) => { if (event.target.name === "search") { clearTimeout(timer); timer = setTimeout(show, 200); } });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (button && button.name === "sort") {
        await show({ sort: button.value, down: button.dataset.down || "" });
        const same = rows.querySelector('.sort[value="' + CSS.escape(button.value) + '"]');
        if (same) same.focus();
      } else if (button && button.name === "page") { await show({ page: button.value }); rows.querySelector(".scroll").focus(); }
      else await show();
    });
  }

  const live = document.getElementById("live");
  if (live) {
    const source = new EventSource(live.dataset.live);
    source.onmessage = (event) => { live.innerHTML = JSON.parse(event.data); };
    source.addEventListener("over", () => { source.close(); location.reload(); });
  }
})();
