"""The doctor: checks a deployment from the outside and says in plain words how to mend it."""
