"""The verbs: every write of the product passes through a function of this package."""
