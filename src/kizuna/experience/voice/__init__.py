"""What customers say in their own words: themes, moods, what is new, what moves the score."""
