"""The regressions behind the evaluations: least squares and generalised linear models, in NumPy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from openoh.methods._checks import Floats, floats, measurable, vector

MOST_ITERATIONS = 100
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Fit:
    """Coefficients with the inverse of the information matrix (`bread`) and each row's score (`scores`)."""

    coefficients: Floats
    bread: Floats
    scores: Floats
    fitted: Floats
    dispersion: float

    def covariance(self) -> Floats:
        """The model's covariance, inflated by the dispersion."""
        return self.bread * self.dispersion

    def clustered(self, cluster: NDArray[np.int64]) -> Floats:
        """The covariance that allows rows of a cluster to depend on each other (CR1: G/(G-1) x
        (n-1)/(n-k))."""
        groups = int(cluster.max()) + 1
        sums = np.zeros((groups, self.scores.shape[1]))
        np.add.at(sums, cluster, self.scores)
        n, k = self.scores.shape
        correction = groups / (groups - 1) * (n - 1) / (n - k)
        return np.asarray(self.bread @ (sums.T @ sums) @ self.bread * correction)

    def newey_west(self, lags: int) -> Floats:
        """The covariance that allows rows within `lags` of each other to depend (Bartlett weights, no
        prewhitening)."""
        meat = self.scores.T @ self.scores
        for lag in range(1, lags + 1):
            together = self.scores[lag:].T @ self.scores[:-lag]
            meat = meat + (1 - lag / (lags + 1)) * (together + together.T)
        return np.asarray(self.bread @ meat @ self.bread)


def binary(name: str, flags: Sequence[Any] | NDArray[Any], length: int) -> Floats:
    """Flags as 0 and 1; anything else is refused."""
    values = vector(name, flags, length=length)
    if not np.isin(values, (0, 1)).all():
        raise ValueError(f"{name} holds {values[~np.isin(values, (0, 1))][0]:g}; it must be 0 or 1")
    return values


def covariate_matrix(covariates: Any, rows: int) -> Floats:
    """Covariates as (rows, columns) without gaps."""
    matrix = floats("covariates", covariates)
    if matrix.shape[:1] != (rows,):
        raise ValueError(f"covariates have shape {matrix.shape}; they must have {rows} rows")
    if not measurable(matrix).all():
        raise ValueError("covariates hold a gap; every value must be a finite number")
    return matrix.reshape(rows, -1)


def least_squares(x: Floats, y: Floats) -> Fit:
    """Ordinary least squares; raises `ValueError` where a column follows from the others."""
    _full_rank(x)
    bread = _array(np.linalg.inv(x.T @ x))
    coefficients = _array(np.linalg.lstsq(x, y, rcond=None)[0])
    residuals = y - x @ coefficients
    freedom = y.size - x.shape[1]
    dispersion = float(residuals @ residuals) / freedom if freedom else 0.0
    return Fit(coefficients, bread, x * residuals[:, None], x @ coefficients, dispersion)


def poisson(x: Floats, y: Floats, offset: Floats) -> Fit:
    """Poisson regression with the Pearson dispersion (quasi-Poisson)."""
    start = _array(np.linalg.lstsq(x, np.log(np.maximum(y, 0.5)) - offset, rcond=None)[0])
    return _glm(x, y, offset, start, np.exp, lambda mean: mean)


def logistic(x: Floats, y: Floats) -> Fit:
    """Logistic regression; its dispersion is 1."""
    fit = _glm(x, y, np.zeros(y.size), np.zeros(x.shape[1]), expit, lambda mean: mean * (1 - mean))
    return Fit(fit.coefficients, fit.bread, fit.scores, fit.fitted, 1.0)


def _glm(
    x: Floats,
    y: Floats,
    offset: Floats,
    coefficients: Floats,
    mean_of: Callable[[Floats], Floats],
    variance_of: Callable[[Floats], Floats],
) -> Fit:
    """Iteratively reweighted least squares with the canonical link."""
    _full_rank(x)
    for _ in range(MOST_ITERATIONS):
        mean = mean_of(np.clip(x @ coefficients + offset, -700, 700))
        information = x.T @ (x * variance_of(mean)[:, None])
        try:
            step = np.linalg.solve(information, x.T @ (y - mean))
        except np.linalg.LinAlgError:
            break
        coefficients = coefficients + step
        if np.abs(step).max() <= TOLERANCE * (1 + np.abs(coefficients).max()):
            mean = mean_of(x @ coefficients + offset)
            variance = variance_of(mean)
            bread = _array(np.linalg.inv(x.T @ (x * variance[:, None])))
            freedom = y.size - x.shape[1]
            pearson = float(((y - mean) ** 2 / variance).sum())
            return Fit(
                coefficients, bread, x * (y - mean)[:, None], mean, pearson / freedom if freedom else 0.0
            )
    raise ValueError(
        "the model has no finite answer: a covariate separates the outcomes, or a stretch has no events"
    )


def _array(values: NDArray[Any]) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _full_rank(x: Floats) -> None:
    if x.shape[0] < x.shape[1] or np.linalg.matrix_rank(x / np.abs(x).max(axis=0).clip(1e-300)) < x.shape[1]:
        raise ValueError(
            f"{x.shape[0]} rows cannot tell {x.shape[1]} coefficients apart: give more rows, "
            "or drop a column that follows from the others"
        )
