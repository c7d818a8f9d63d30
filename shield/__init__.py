"""What providers may ask before they publish: is this known? Nothing that they send is kept, nothing that they are told is an oracle."""
