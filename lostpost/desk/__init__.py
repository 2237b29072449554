"""The pages of Partnerservice and finance."""
