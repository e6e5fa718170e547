"""Results: what each action earned, in words and money, and every number behind."""
