"""Mail that arrives by itself: read from the organisation's mailbox, understood, and kept until a person sees to it."""
