"""WhatsApp: the Cloud API's webhook in, messages out over a pool of connections of our own."""

from bot.channels.whatsapp.channel import WhatsAppChannel

__all__ = ["WhatsAppChannel"]
