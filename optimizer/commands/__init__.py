"""What each `entrepot` command does: read the options, call the pipeline or a study, print or write."""
