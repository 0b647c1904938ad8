"""Stand-in."""
class Progress:
    def __init__(self, v): self.v=v
    def start_epoch(self, *a): pass
    def advance(self, s): pass
    def end_epoch(self, logs, sec, eps): 
        if self.v: print(logs, sec, eps)
    def evaluated(self, r): pass
