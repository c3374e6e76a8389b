"""Pictures from outside: bounded decoding, all metadata stripped, scaled, thumbnailed."""
