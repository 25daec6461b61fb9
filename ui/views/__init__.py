"""The pages and what stands in them."""
