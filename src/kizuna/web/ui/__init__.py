"""The look of every page: templates, components, styles."""
