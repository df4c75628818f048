"""Telegram: updates in by long polling or webhook, messages out over a pool of connections of our own."""

from bot.channels.telegram.channel import TelegramChannel

__all__ = ["TelegramChannel"]
