"""Variational Bayes for the rater model: answer = bias + scale × item + noise, every part with a normal-gamma prior.

The posterior is taken as a product over items, raters' (bias, scale) and raters' precisions. Each step updates one of
these, or the priors, to where the evidence bound is highest given the rest, so the bound never falls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import digamma, gammaln

from middlemost.consensus.numeric.concluded import Floats, Ordered

_LEAST = 1e-8
_PSEUDO_RATERS, _PSEUDO_SQUARE = 2, 0.04


@dataclass(frozen=True)
class Prior:
    """What is usual: items normal (`mean`, `variance`), biases (0, `bias`), scales (1, `scale`), precisions gamma.

    The answers are in units of their standard deviation, so that a `scale` of .04 puts most scales between .6 and 1.4.
    """

    mean: float = 0.0
    variance: float = 1.0
    bias: float = 0.1
    scale: float = 0.04
    shape: float = 2.0
    rate: float = 1.0


@dataclass(frozen=True, eq=False)
class Sums:
    """What the raters' part of the bound needs of the answers y and the items x, by rater."""

    n: Floats
    x: Floats
    xx: Floats
    y: Floats
    xy: Floats
    yy: Floats

    @classmethod
    def of(cls, ordered: Ordered, mean: Floats, variance: Floats) -> Sums:
        """Sums over each rater's answers of 1, E x, E x², y, y E x and y²."""
        x, y = mean[ordered.item], ordered.value
        squares = x**2 + variance[ordered.item]
        return cls(*(ordered.per_rater(each) for each in (np.ones(len(y)), x, squares, y, x * y, y**2)))

    def squared_error(self, fit: Posterior) -> Floats:
        """The expected sum of squared errors."""
        quadratic = fit.bias_square * self.n + 2 * fit.product * self.x + fit.scale_square * self.xx
        return np.maximum(self.yy - 2 * (fit.bias * self.y + fit.scale * self.xy) + quadratic, 0.0)


@dataclass(frozen=True, eq=False)
class Posterior:
    """Where the fit stands: items (`mean`, `variance`), raters (`bias`, `scale`, covariances), precisions, prior."""

    mean: Floats
    variance: Floats
    bias: Floats
    scale: Floats
    bias_variance: Floats
    covariance: Floats
    scale_variance: Floats
    shape: Floats
    rate: Floats
    prior: Prior
    objective: float = -np.inf

    @property
    def precision(self) -> Floats:
        """The raters' expected precisions."""
        return self.shape / self.rate

    @property
    def log_precision(self) -> Floats:
        """The expected logarithms of the raters' precisions."""
        return np.asarray(digamma(self.shape) - np.log(self.rate))

    @property
    def bias_square(self) -> Floats:
        """E bias²."""
        return self.bias**2 + self.bias_variance

    @property
    def scale_square(self) -> Floats:
        """E scale²."""
        return self.scale**2 + self.scale_variance

    @property
    def product(self) -> Floats:
        """E bias · scale."""
        return self.bias * self.scale + self.covariance


def begin(ordered: Ordered) -> Posterior:
    """From the items' means, raters all alike."""
    n = np.maximum(ordered.n, 1)
    mean = ordered.per_item(ordered.value) / n
    noise = max(float(np.mean((ordered.value - mean[ordered.item]) ** 2)), 0.01)
    one = np.ones(ordered.n_raters)
    prior = Prior(shape=2.0, rate=2.0 * noise)
    return Posterior(mean, noise / n, 0 * one, one, 0 * one, 0 * one, 0 * one, 2 * one, 2 * noise * one, prior)


def step(fit: Posterior, ordered: Ordered) -> Posterior:
    """Raters, precisions, items, then what leaves the fit to the answers as it is: where and how wide the axis lies."""
    sums = Sums.of(ordered, fit.mean, fit.variance)
    fit = _raters(fit, sums)
    fit = _precisions(fit, sums)
    fit = _items(fit, ordered)
    fit = _stretched(_shifted(fit))
    fit = replace(fit, prior=_prior(fit))
    return replace(fit, objective=_bound(fit, Sums.of(ordered, fit.mean, fit.variance)))


def spread_of_items(fit: Posterior, ordered: Ordered) -> Floats:
    """The items' standard errors, with what the uncertainty of the raters adds (to first order)."""
    rater, item = ordered.rater, ordered.item
    x = fit.mean[item]
    line = fit.bias_variance[rater] + 2 * fit.covariance[rater] * x + fit.scale_variance[rater] * x**2
    weight = fit.variance[item] * (fit.precision * fit.scale)[rater]
    return np.asarray(np.sqrt(fit.variance + ordered.per_item(weight**2 * line)))


def spread_of_raters(fit: Posterior, ordered: Ordered) -> tuple[Floats, Floats, Floats]:
    """Variance of bias, covariance, variance of scale: the information of the answers without what the items hide.

    What is missing is never taken for more than nine tenths of all (Louis 1982, without the raters' ties).
    """
    x, hidden = fit.mean[ordered.item], _leverage(fit, ordered)
    missing = [fit.precision * ordered.per_rater(hidden * x**power) for power in range(3)]
    determinant = fit.bias_variance * fit.scale_variance - fit.covariance**2
    bias, both, scale = fit.scale_variance / determinant, -fit.covariance / determinant, fit.bias_variance / determinant
    bias, both, scale = bias - missing[0], both - missing[1], scale - missing[2]
    determinant = bias * scale - both**2
    return scale / determinant, -both / determinant, bias / determinant


def freedom_of_raters(fit: Posterior, ordered: Ordered) -> Floats:
    """How many answers to known items would tell each rater's precision as well as theirs do."""
    return ordered.per_rater((1 - _leverage(fit, ordered)) ** 2)


def _leverage(fit: Posterior, ordered: Ordered) -> Floats:
    """Each answer's share in what is known of its item."""
    share = fit.variance[ordered.item] * (fit.precision * fit.scale_square)[ordered.rater]
    return np.minimum(share, 0.9)


def _raters(fit: Posterior, sums: Sums) -> Posterior:
    """Bias and scale by regression on the items, drawn towards 0 and 1."""
    precision, prior = fit.precision, fit.prior
    bias, both = 1 / prior.bias + precision * sums.n, precision * sums.x
    scale = 1 / prior.scale + precision * sums.xx
    determinant = bias * scale - both**2
    level, slope = precision * sums.y, 1 / prior.scale + precision * sums.xy
    return replace(
        fit,
        bias=(scale * level - both * slope) / determinant,
        scale=(bias * slope - both * level) / determinant,
        bias_variance=scale / determinant,
        covariance=-both / determinant,
        scale_variance=bias / determinant,
    )


def _precisions(fit: Posterior, sums: Sums) -> Posterior:
    return replace(fit, shape=fit.prior.shape + sums.n / 2, rate=fit.prior.rate + sums.squared_error(fit) / 2)


def _items(fit: Posterior, ordered: Ordered) -> Posterior:
    """The items' numbers: answers without the bias, weighted by what each rater can tell."""
    rater = ordered.rater
    weight = ordered.per_item((fit.precision * fit.scale_square)[rater]) + 1 / fit.prior.variance
    pull = (fit.precision * fit.scale)[rater] * ordered.value - (fit.precision * fit.product)[rater]
    return replace(
        fit, mean=(ordered.per_item(pull) + fit.prior.mean / fit.prior.variance) / weight, variance=1 / weight
    )


def _shifted(fit: Posterior) -> Posterior:
    """Items down and biases up, so that the fitted answers stay: as far as makes the biases smallest."""
    by = -float(fit.product.sum() / fit.scale_square.sum())
    return replace(
        fit,
        mean=fit.mean - by,
        bias=fit.bias + by * fit.scale,
        bias_variance=fit.bias_variance + 2 * by * fit.covariance + by**2 * fit.scale_variance,
        covariance=fit.covariance + by * fit.scale_variance,
        prior=replace(fit.prior, mean=fit.prior.mean - by),
    )


def _stretched(fit: Posterior) -> Posterior:
    """Items wider and scales smaller, or the reverse, so that the fitted answers stay and the bound rises most."""
    total, squares = float(fit.scale.sum()), float(fit.scale_square.sum())
    room = 4 * squares * len(fit.scale) * fit.prior.scale
    by = (total + np.sqrt(total**2 + room)) / (2 * squares)
    return replace(
        fit,
        mean=fit.mean / by,
        variance=fit.variance / by**2,
        scale=fit.scale * by,
        covariance=fit.covariance * by,
        scale_variance=fit.scale_variance * by**2,
        prior=replace(fit.prior, mean=fit.prior.mean / by, variance=fit.prior.variance / by**2),
    )


def _prior(fit: Posterior) -> Prior:
    """The likeliest prior. Two raters more, off by .2, keep few raters from being taken for equally biased.

    What the answers tell too little of, how far scales and precisions scatter between raters, stays as it is: fitted,
    it would often shrink to nothing.
    """
    mean = float(fit.mean.mean())
    variance = float(np.mean((fit.mean - mean) ** 2 + fit.variance))
    bias = (fit.bias_square.sum() + _PSEUDO_RATERS * _PSEUDO_SQUARE) / (len(fit.bias) + _PSEUDO_RATERS)
    rate = fit.prior.shape / float(fit.precision.mean())
    return replace(fit.prior, mean=mean, variance=max(variance, _LEAST), bias=float(bias), rate=max(rate, _LEAST))


def _bound(fit: Posterior, sums: Sums) -> float:
    """The evidence lower bound: expected log-likelihood minus the divergences from the prior, plus its own density."""
    prior, log_precision = fit.prior, fit.log_precision
    likelihood = sums.n * (log_precision - np.log(2 * np.pi)) - fit.precision * sums.squared_error(fit)
    items = (fit.variance + (fit.mean - prior.mean) ** 2) / prior.variance - 1 - np.log(fit.variance / prior.variance)
    determinant = fit.bias_variance * fit.scale_variance - fit.covariance**2
    off = fit.scale_square - 2 * fit.scale + 1
    raters = fit.bias_square / prior.bias + off / prior.scale - 2 - np.log(determinant / (prior.bias * prior.scale))
    entropy = fit.shape - np.log(fit.rate) + gammaln(fit.shape) + (1 - fit.shape) * digamma(fit.shape)
    density = prior.shape * np.log(prior.rate) - gammaln(prior.shape) + (prior.shape - 1) * log_precision
    density -= prior.rate * fit.precision
    usual = -_PSEUDO_RATERS * (np.log(prior.bias) + _PSEUDO_SQUARE / prior.bias) / 2
    return float((likelihood - raters).sum() / 2 - items.sum() / 2 + entropy.sum() + density.sum() + usual)
