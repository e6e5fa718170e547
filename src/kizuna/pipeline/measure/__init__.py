"""What actions earned: steps from who was held out by chance to money, with an interval."""
