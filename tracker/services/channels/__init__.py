"""Roads to people: Telegram's chats, invitations."""
