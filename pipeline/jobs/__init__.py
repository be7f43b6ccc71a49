"""The jobs that the terminal, the page and the worker do: values in, values out; nothing printed, nothing asked."""
