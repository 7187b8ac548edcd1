"""The classical rows give scikit-learn's own scores; the Bayesian network a case worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as Regression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags
from clustertags.benchmark.method_building_blocks.tree_augmented_bayes import ROOT, TreeNetwork, conditional_information
from clustertags.benchmark.methods.bayesian_network import BayesianNetwork
from clustertags.benchmark.methods.harrison_baseline import HarrisonObject
from clustertags.benchmark.methods.knn_classifier import KnnClassifier
from clustertags.benchmark.methods.linear_svm import LinearSvm
from clustertags.benchmark.methods.logistic_regression import LogisticRegression
from clustertags.benchmark.methods.naive_bayes import NaiveBayes
from tests.benchmark.methods.samples import make

ONE, SEVERAL = make(), make(several=True)


def test_logistic_regression_is_scikit_learns() -> None:
    inputs, new = ONE.labelled.features.values, ONE.new.features.values
    reference = Regression(C=10, max_iter=1000).fit(inputs, ONE.tags.argmax(axis=1))
    scores = LogisticRegression().fit(ONE.labelled, ONE.tags, ONE.task).predict_scores(ONE.new)
    np.testing.assert_allclose(scores, reference.decision_function(new), atol=1e-6)
    several = LogisticRegression().fit(SEVERAL.labelled, SEVERAL.tags, SEVERAL.task).predict_scores(SEVERAL.new)
    for column in range(4):
        own = Regression(C=10, max_iter=1000).fit(inputs, SEVERAL.tags[:, column])
        np.testing.assert_allclose(several[:, column], own.decision_function(new), atol=1e-6)


def test_the_linear_svm_is_scikit_learns() -> None:
    reference = LinearSVC(random_state=0).fit(ONE.labelled.features.values, ONE.tags.argmax(axis=1))
    scores = LinearSvm().fit(ONE.labelled, ONE.tags, ONE.task).predict_scores(ONE.new)
    np.testing.assert_allclose(scores, reference.decision_function(ONE.new.features.values), atol=1e-9)


def test_naive_bayes_is_scikit_learns() -> None:
    inputs, new = (photos.features.values.astype(np.float64) for photos in (SEVERAL.labelled, SEVERAL.new))
    scores = NaiveBayes().fit(SEVERAL.labelled, SEVERAL.tags, SEVERAL.task).predict_scores(SEVERAL.new)
    for column in range(4):
        joint = GaussianNB(var_smoothing=0.1).fit(inputs, SEVERAL.tags[:, column]).predict_joint_log_proba(new)
        np.testing.assert_allclose(scores[:, column], joint[:, 1] - joint[:, 0])
    reference = GaussianNB(var_smoothing=0.1).fit(inputs, ONE.tags.argmax(axis=1))
    chosen = NaiveBayes().fit(ONE.labelled, ONE.tags, ONE.task).predict_scores(ONE.new)
    np.testing.assert_allclose(chosen, reference.predict_joint_log_proba(new))


def test_the_k_nearest_neighbours_are_scikit_learns() -> None:
    reference = KNeighborsClassifier(5, weights="distance").fit(
        SEVERAL.labelled.features.values.astype(np.float64), SEVERAL.tags.astype(int)
    )
    expected = reference.predict_proba(SEVERAL.new.features.values.astype(np.float64))
    scores = KnnClassifier().fit(SEVERAL.labelled, SEVERAL.tags, SEVERAL.task).predict_scores(SEVERAL.new)
    np.testing.assert_allclose(scores, np.stack([column[:, 1] for column in expected], axis=1))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_harrison_network_is_scikit_learns() -> None:
    reference = MLPClassifier((512,), max_iter=100, random_state=0).fit(
        10 * SEVERAL.labelled.features.values, SEVERAL.tags.astype(int)
    )
    scores = HarrisonObject().fit(SEVERAL.labelled, SEVERAL.tags, SEVERAL.task).predict_scores(SEVERAL.new)
    np.testing.assert_allclose(scores, reference.predict_proba(10 * SEVERAL.new.features.values), atol=1e-6)


def test_tags_that_cannot_be_taught_stand_first_and_last() -> None:
    learnable = LearnableTags.two_class(np.array([[1, 1, 0, 0], [1, 0, 1, 0]], bool))
    np.testing.assert_array_equal(learnable.columns, [1, 2])
    placed = learnable.expand(np.array([[0.2, -3.0]]), 1)
    np.testing.assert_allclose(placed, [[1.2, 0.2, -3.0, -4.0]])


def counts(values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    shown = np.eye(2)[values]
    return np.einsum("nc,nia,njb->cijab", np.eye(2)[classes], shown, shown)


def test_the_information_between_two_variables_is_that_of_their_table() -> None:
    """Equal in one class, independent in the other, of the same size: half of log 2."""
    equal = np.array([[0, 0], [0, 0], [1, 1], [1, 1]])
    independent = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    found = conditional_information(counts(np.vstack([equal, independent]), np.repeat([0, 1], 4)))
    assert found[0, 1] == pytest.approx(0.5 * np.log(2))
    assert found[1, 0] == pytest.approx(found[0, 1])


def test_the_tree_joins_variables_that_tell_of_each_other() -> None:
    """A chain 2 - 0 - 3 - 1 with copies that fail more and more."""
    random = np.random.default_rng(0)
    first = random.integers(0, 2, 4000)

    def noisy(of: np.ndarray, share: float) -> np.ndarray:
        return np.where(random.random(len(of)) < share, 1 - of, of)

    third = noisy(first, 0.05)
    fourth = noisy(first, 0.1)
    second = noisy(fourth, 0.1)
    network = TreeNetwork(2).fit(np.column_stack([first, second, third, fourth]), random.integers(0, 2, 4000))
    assert network.parents_.tolist() == [ROOT, 3, 0, 0]


def test_a_tree_network_multiplies_its_tables() -> None:
    """Two variables that agree in class 0 and differ in class 1, worked by hand.

    Each has value 0 twice in 4 photos of either class: 4 of 8, shrunk to (4 + 1) / (8 + 2) = 1/2, by class
    (2 + 5/2) / (4 + 5) = 1/2. Of the second under the first's 0 in class 0: 2 of 2, (2 + 5/2) / (2 + 5) = 9/14.
    """
    values = np.array([[0, 0], [0, 0], [1, 1], [1, 1], [0, 1], [0, 1], [1, 0], [1, 0]])
    network = TreeNetwork(2).fit(values, np.repeat([0, 1], 4))
    joint = np.exp(network.predict_joint_log_proba(np.array([[0, 0], [0, 1]])))
    np.testing.assert_allclose(joint, np.array([[9, 5], [5, 9]]) / 14 / 4)


def test_the_bayesian_network_cuts_components_into_equal_shares() -> None:
    method = BayesianNetwork(n_components=4, n_bins=3).fit(ONE.labelled, ONE.tags, ONE.task)
    assert ONE.task.unlabelled is not None
    values = np.concatenate([ONE.labelled.features.values, ONE.task.unlabelled.features.values])
    projected = method.projection_.project(values)
    shares = (projected < method.cuts_[0]).mean(axis=0)
    np.testing.assert_allclose(shares, 1 / 3, atol=0.03)
