"""The boards, by what they are about."""
