"""WhatsApp: the Cloud API's webhook in, messages out over a pool of connections of our own."""

from bot.channels.whatsapp.channel import WhatsAppChannel
from bot.channels.whatsapp.webhook import LARGEST_CALL

__all__ = ["LARGEST_CALL", "WhatsAppChannel"]
