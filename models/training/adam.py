"""Adam in one operation a weight."""

import tensorflow as tf


@tf.keras.utils.register_keras_serializable(package="seqmd")
class FusedAdam(tf.keras.optimizers.Adam):
    """Keras' Adam, whose update of a weight is one pass over it where Keras takes a dozen.

    m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2,
    weight <- weight - rate sqrt(1 - b2^n) / (1 - b1^n) m / (sqrt(v) + epsilon) at step n.

    Its slots are those of Keras' own, so that checkpoints of one are read by the other. Gradients
    are dense; `amsgrad` is not offered.

    Source:
        Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization".
    """

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable) -> None:
        """Updates a weight and its slots.

        Args:
            gradient: of the shape of the weight.
            variable: the weight.
        """
        place = self._index_dict[self._var_key(variable)]
        first, second = tf.cast(self.beta_1, variable.dtype), tf.cast(self.beta_2, variable.dtype)
        step = tf.cast(self.iterations + 1, variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[place].handle,
            v=self._velocities[place].handle,
            beta1_power=tf.pow(first, step),
            beta2_power=tf.pow(second, step),
            lr=tf.cast(self.learning_rate, variable.dtype),
            beta1=first,
            beta2=second,
            epsilon=tf.cast(self.epsilon, variable.dtype),
            grad=gradient,
        )
