"""Preludes: headers that units share, precompiled. What goes in, whether it pays, whether it changes what is found."""
