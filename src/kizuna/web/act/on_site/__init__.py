"""Messages on the web site: a banner or a pop-up, with caps, a part held out, and no more."""
