"""What a person can mend: bad input, said in one sentence."""


class InputError(ValueError):
    """Input that cannot be used. The message names file, column or row, and the remedy."""
