"""
A table with several columns of strings
=======================================

A ``ColumnTransformer`` gives each column of strings an encoder of its own, and passes the numbers
on. Permutation importance then shows what each column is worth.
"""

# %%
# A table of employees
# --------------------
# `Faker <https://faker.readthedocs.io>`_ writes job titles and addresses. The salary is made up:
# it depends on words of the job title, on the domain of the e-mail address, and on the years of
# experience. The name of the city has no effect.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from faker import Faker
from sklearn.compose import ColumnTransformer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skrnn import RNNEncoder

fake, rng = Faker("en_GB"), np.random.default_rng(0)
fake.seed_instance(0)
n = 3000
domains = rng.choice(["bank.example", "shop.example", "school.example", "hospital.example"], n)
people = pd.DataFrame(
    {
        "job": [fake.job() for _ in range(n)],
        "email": [f"{fake.user_name()}@{domain}" for domain in domains],
        "city": [fake.city() for _ in range(n)],
        "experience": rng.integers(0, 40, n),
    }
)
job, email = people["job"].str, people["email"].str
salary = (
    30_000
    + 9_000 * job.contains("manager|director|lead", case=False)
    + 6_000 * job.contains("engineer|scientist", case=False)
    - 5_000 * job.contains("assistant|officer", case=False)
    + 8_000 * email.contains("bank")
    - 4_000 * email.contains("shop")
    + 300 * people["experience"]
    + rng.normal(0, 2_000, n)
)
people.head()

# %%
# One encoder for each column
# ---------------------------
# A few units are enough for a column of a table.
encoder = RNNEncoder(8, ngram_size=8, random_state=0)
columns = ColumnTransformer(
    [
        ("job", encoder, "job"),
        ("email", encoder, "email"),
        ("city", encoder, "city"),
        ("numbers", StandardScaler(), ["experience"]),
    ]
)
X, X_test, y, y_test = train_test_split(people, salary, random_state=0)
model = make_pipeline(columns, RidgeCV()).fit(X, y)
print(f"R² on test rows: {model.score(X_test, y_test):.2f}")

# %%
# What each column is worth
# -------------------------
# The columns of the test rows are shuffled one at a time. The bars show by how much R² falls. Use
# test rows for this: on its own training rows, a column that was encoded with y looks better than
# it is (see :doc:`leakage </leakage>`).
drop = permutation_importance(model, X_test, y_test, n_repeats=3, random_state=0)
figure, ax = plt.subplots(figsize=(6, 2.5), layout="constrained")
ax.barh(X.columns, drop.importances_mean, xerr=drop.importances_std)
ax.invert_yaxis()
ax.set(xlabel="fall of R² when the column is shuffled")
plt.show()
