"""What people see: one file per noun, templates and static files beside them."""
