"""What the product knows of tokens: their kinds, what is planted, what a touch means. Pure."""
