"""scikit-learn's checks in full, on numbers and through the string path, and their count."""

import pytest
import sklearn
from sklearn.utils import estimator_checks as checks
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from sklearn.utils.fixes import parse_version
from sklearn.utils.validation import validate_data

from skrnn import FixedEncoder, RNNClassifier, RNNEncoder, RNNRegressor
from skrnn.input.samples import Samples

KINDS = [RNNEncoder, RNNClassifier, RNNRegressor, FixedEncoder]
COUNT = {RNNEncoder: 55, RNNClassifier: 67, RNNRegressor: 60, FixedEncoder: 47}

COMMON = """
    check_estimator_cloneable check_estimator_tags_renamed check_valid_tag_types
    check_estimator_repr check_no_attributes_set_in_init check_fit_score_takes_y
    check_estimators_overwrite_params check_dont_overwrite_parameters
    check_estimators_fit_returns_self check_readonly_memmap_input check_estimators_unfitted
    check_do_not_raise_errors_in_init_or_set_params check_n_features_in_after_fitting
    check_mixin_order check_positive_only_tag_during_fit check_estimators_dtypes
    check_complex_data check_dtype_object check_estimators_empty_data_messages
    check_pipeline_consistency check_estimators_nan_inf check_estimator_sparse_tag
    check_estimator_sparse_array check_estimator_sparse_matrix check_estimators_pickle
    check_estimators_pickle check_array_api_input check_f_contiguous_array_estimator
    check_parameters_default_constructible check_methods_sample_order_invariance
    check_methods_subset_invariance check_fit2d_1sample check_fit2d_1feature
    check_get_params_invariance check_set_params check_dict_unchanged check_fit_idempotent
    check_fit_check_is_fitted check_n_features_in check_fit1d check_fit2d_predict1d
""".split()
OF_WHAT_LEARNS = """
    check_sample_weights_pandas_series check_sample_weights_not_an_array
    check_sample_weights_list check_all_zero_sample_weights_error check_sample_weights_shape
    check_sample_weights_not_overwritten check_sample_weight_equivalence_on_dense_data
    check_requires_y_none
""".split()
OWN = {
    RNNEncoder: """
        check_transformer_data_not_an_array check_transformer_general
        check_transformer_general check_transformer_preserve_dtypes
        check_transformers_unfitted check_transformer_n_iter
    """.split(),
    RNNClassifier: """
        check_classifier_data_not_an_array check_classifiers_one_label
        check_classifiers_one_label_sample_weights check_classifiers_classes
        check_estimators_partial_fit_n_features check_classifiers_train
        check_classifiers_train check_classifiers_train check_classifiers_regression_target
        check_supervised_y_no_nan check_supervised_y_2d
        check_non_transformer_estimators_n_iter check_decision_proba_consistency
        check_class_weight_classifiers check_classifiers_multilabel_representation_invariance
        check_classifiers_multilabel_output_format_predict
        check_classifiers_multilabel_output_format_predict_proba
        check_classifiers_multilabel_output_format_decision_function
    """.split(),
    RNNRegressor: """
        check_regressors_train check_regressors_train check_regressors_train
        check_regressor_data_not_an_array check_estimators_partial_fit_n_features
        check_regressors_no_decision_function check_supervised_y_2d
        check_supervised_y_no_nan check_regressors_int check_regressor_multioutput
        check_non_transformer_estimators_n_iter
    """.split(),
}
OWN[FixedEncoder] = OWN[RNNEncoder]
NEW_IN_1_9 = {"check_all_zero_sample_weights_error", "check_array_api_input"}
BESIDE = [  # what scikit-learn runs on its own estimators, beside check_estimator
    checks.check_param_validation,
    checks.check_dataframe_column_names_consistency,
    checks.check_inplace_ensure_writeable,
]
BESIDE_TRANSFORMERS = [
    checks.check_transformer_get_feature_names_out,
    checks.check_transformer_get_feature_names_out_pandas,
    checks.check_get_feature_names_out_error,
    checks.check_set_output_transform,
    checks.check_set_output_transform_pandas,
    checks.check_global_output_transform_pandas,
    checks.check_set_output_transform_polars,
    checks.check_global_set_output_transform_polars,
]


class ThroughStrings:
    """Hand each row of numbers on as a string whose length depends on its values."""

    def _check_X(self, X, *, reset, fitted, name="X"):
        X = validate_data(self, X, reset=reset, dtype="numeric")
        return Samples("strings", [self.text(row) for row in X], X.dtype)

    @staticmethod
    def text(row):
        """Write a letter for each value, and once more if it is negative."""
        levels = (row * 4).round().clip(-40, 40).astype(int)
        return "".join(chr(0x100 + level) * (1 + (level < 0)) for level in levels)


class TextEncoder(ThroughStrings, RNNEncoder):
    pass


class FixedTextEncoder(ThroughStrings, FixedEncoder):
    pass


class TextClassifier(ThroughStrings, RNNClassifier):
    pass


class TextRegressor(ThroughStrings, RNNRegressor):
    pass


SURE = {"nhidden": 8, "dropout": 0, "ngram_dropout": 0, "max_iter": 20}
PLAIN = {"pooling": "last", "learning_rate_init": 0.01}
INSTANCES = [
    RNNEncoder(8, max_iter=5, activation="relu", solver="sgd", learning_rate="constant"),
    RNNEncoder(8, max_iter=5, early_stopping=True, bias=False, bidirectional=True),
    RNNEncoder(8, max_iter=5, cell="lstm", pooling=("last", "max"), n_layers=2),
    RNNEncoder(8, max_iter=5, window=(3, 2)),
    TextEncoder(8, max_iter=5),
    TextEncoder(cell=None, max_iter=5),
    FixedTextEncoder(),
    FixedEncoder(W=0.5, activation="tanh"),
    TextClassifier(**{**SURE, **PLAIN, "learning_rate_init": 0.3}, solver="sgd"),
    TextClassifier(**SURE, **PLAIN, ngram_range=None),
    RNNClassifier(**SURE, **PLAIN, window=2),
    RNNRegressor(**{**SURE, "nhidden": 16, "max_iter": 40}, **PLAIN, window=(3, 2)),
    TextRegressor(**{**SURE, "nhidden": 16, "max_iter": 40}, **PLAIN),
]


@parametrize_with_checks(INSTANCES)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


QUICK = {
    RNNEncoder: {"nhidden": 8, "max_iter": 5},
    RNNClassifier: SURE,
    RNNRegressor: {**SURE, **PLAIN},
    FixedEncoder: {},
}


def small(kind):
    return kind() if kind is FixedEncoder else kind(8, max_iter=2)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_check_is_lost_or_skipped(kind):
    """A tag lost by accident would remove checks without a word."""
    results = check_estimator(kind(**QUICK[kind]), on_fail=None, on_skip=None)
    assert [r["check_name"] for r in results if r["status"] != "passed"] == []
    ran = [r["check_name"] for r in results]
    learns = [] if kind is FixedEncoder else OF_WHAT_LEARNS
    expected = [*COMMON, *learns, *OWN[kind]]
    if parse_version(sklearn.__version__) < parse_version("1.9"):
        expected = [name for name in expected if name not in NEW_IN_1_9]
    for name in set(expected):
        assert ran.count(name) >= expected.count(name), name
    if parse_version("1.9") <= parse_version(sklearn.__version__) < parse_version("1.10"):
        assert len(ran) == len(expected) == COUNT[kind]


@pytest.mark.parametrize("check", BESIDE, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_checks_beside_check_estimator(kind, check):
    check(kind.__name__, small(kind))


# these checks fit on a frame and transform an array, and the reverse, which is what is warned of
@pytest.mark.filterwarnings("ignore:X has feature names:UserWarning")
@pytest.mark.filterwarnings("ignore:X does not have valid feature names:UserWarning")
@pytest.mark.parametrize("check", BESIDE_TRANSFORMERS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", [RNNEncoder, FixedEncoder])
def test_transformer_checks_beside_check_estimator(kind, check):
    check(kind.__name__, small(kind))
