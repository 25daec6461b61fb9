"""The MQTT clients and the embedded broker."""
