"""What-if: scenarios that move retention, frequency, basket, margin and acquisition cost."""
