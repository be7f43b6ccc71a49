"""The queue: plans that wait to be sent, one account's after the other, whatever happens to this process."""
