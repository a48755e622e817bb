"""The words of messages, and the ways out: outbox, SMTP, and a text message provider."""
