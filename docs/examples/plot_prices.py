"""
Prices from product titles
==========================

``RNNRegressor`` learns a number from a string: here the price of a computer from its title.
"""

# %%
# Titles
# ------
# The titles are generated. The price depends on the brand, the memory and the disk; the order of
# the parts and the spelling vary as they do in real shops.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import PredictionErrorDisplay

from skrnn import RNNRegressor
from skrnn.plots import ExplanationDisplay

rng = np.random.default_rng(0)
BRANDS = {"Nimbus": 0.8, "Orion": 1, "Vertex": 1.3, "Zenith": 1.6}
MEMORY, DISK = [8, 16, 32, 64], [256, 512, 1024, 2048]


def product():
    brand, memory, disk = rng.choice(list(BRANDS)), rng.choice(MEMORY), rng.choice(DISK)
    gap = rng.choice(["", " "])
    parts = [f"{memory}{gap}GB RAM", f"{disk}{gap}GB SSD", f"{rng.choice([13, 14, 15])} inch"]
    title = " ".join([brand, rng.choice(["Laptop", "Notebook", "PC"]), *rng.permutation(parts)])
    return title, BRANDS[brand] * (300 + 9 * memory + 0.2 * disk) * rng.normal(1, 0.03)


titles, prices = map(np.array, zip(*(product() for _ in range(2500))))
X, X_test, y, y_test = titles[:2000], titles[2000:], prices[:2000], prices[2000:]
print(*(f"{price:7.2f}  {title}" for title, price in zip(X[:4], y)), sep="\n")

# %%
# A regressor for prices
# ----------------------
# Prices are positive and their errors are relative, so the network learns their logarithm.
model = TransformedTargetRegressor(RNNRegressor(random_state=0), func=np.log, inverse_func=np.exp)
model.fit(X, y)
predicted = model.predict(X_test)
error = np.mean(np.abs(predicted / y_test - 1))
print(f"R² {model.score(X_test, y_test):.3f}, mean error {100 * error:.1f}% of the price")

# %%
figure, ax = plt.subplots(figsize=(5, 4.5), layout="constrained")
PredictionErrorDisplay.from_predictions(
    y_test, predicted, kind="actual_vs_predicted", ax=ax, scatter_kwargs={"alpha": 0.4}
)
ax.set(xlabel="predicted price", ylabel="price")
plt.show()

# %%
# What each letter adds
# ---------------------
# Red letters raise the logarithm of the price, blue letters lower it. The first computer is of an
# expensive brand and has a large memory. The second is of a cheap brand and has a small memory.
network = model.regressor_
ExplanationDisplay(network.explain("Zenith Laptop 64 GB RAM 2048 GB SSD 13 inch"))

# %%
ExplanationDisplay(network.explain("Nimbus Laptop 8GB RAM 2048GB SSD 13 inch"))
