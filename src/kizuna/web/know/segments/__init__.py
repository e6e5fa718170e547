"""Segments by rules over facts, live or fixed, with their history; the RFM map; stages."""
