"""What an order that was never shown would earn, from the logs of orders that were."""
