"""The demo marketplace: three made-up shops, the same every time, placed relative to the day it is made."""
