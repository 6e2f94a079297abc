"""Cross entropy of the descending probability, over all items that were shown."""

from models.losses.sigmoid_cross_entropy_loss import SigmoidCrossEntropyLoss


class EntireSpaceLoss(SigmoidCrossEntropyLoss):
    """loss = sum_i w_i CE(y_i, p_i) / sum_i w_i over all labelled items.

    CE(y, p) = -y log p - (1 - y) log(1 - p), with p_m = product over k <= m of sigmoid(s_k). Every
    factor of the product learns on all items, those without the action before included. It is the
    sigmoid cross entropy of the descending probability's logit; under a name of its own it is
    refused where probabilities do not descend.

    Source:
        Ma et al., "Entire Space Multi-Task Model: An Effective Approach for Estimating
        Post-Click Conversion Rate" (arXiv 1804.07931), Eq. 4: y_2 there is click and conversion,
        which the label of a later task is in a clean funnel.
    """

    def __init__(self) -> None:
        super().__init__("entire_space_loss")
