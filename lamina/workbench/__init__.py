"""From a source of examples to a tested model in a run folder, and what one does with it after."""
