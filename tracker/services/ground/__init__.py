"""What every other room stands on: the journal, versions, what is kept, files, whom and what can be named."""
