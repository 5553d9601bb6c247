"""What people and API clients see: accounts, tokens, incidents, destinations, and their actions."""
