"""How good an order is: relevance, gain, NDCG and MRR of lists."""
