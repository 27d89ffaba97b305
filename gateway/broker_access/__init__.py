"""Who may say and hear what at the broker, and how a mosquitto is told so."""
