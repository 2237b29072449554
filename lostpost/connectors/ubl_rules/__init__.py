"""The rules that others hold UBL against: the OASIS schemas, EN 16931, and a folder of an operator's."""
