"""What the programs share: jobs, data, workers, rounds, reports."""
