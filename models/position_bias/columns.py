"""What a correction for position bias adds to a batch of training; no request ever has it."""

# float [N]: the log of how much an item was examined, added to its logits while training.
EXAMINATION_LOGIT = "examination__logit"
# float [N]: the weight of what was done to an item, 1 / examination.
EXAMINATION_WEIGHT = "examination__weight"
