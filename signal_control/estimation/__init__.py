"""How are queues estimated from detectors and lights alone? (See docs/queues.md.)"""
