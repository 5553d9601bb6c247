"""Floor 2: protocol cores. Bytes come in, values and bytes go out; nothing is opened here."""
