use super::*;

fn points(count: u32) -> Vec<Point> {
    let y = |at: u32| if at == 777 { 1e6 } else { f64::from(at % 10) };
    (0..count).map(|at| Point { x: f64::from(at), y: y(at), ..Point::default() }).collect()
}

#[test]
fn thinning_keeps_extremes_and_ends() {
    let thinned = thin(points(5000), 100);
    assert!(thinned.len() <= 104, "{}", thinned.len());
    assert!(thinned.iter().any(|point| point.y > 1e5));
    assert!(thinned[0].x < 0.5 && thinned[thinned.len() - 1].x > 4998.5);
    assert!(thinned.is_sorted_by(|a, b| a.x < b.x));
    assert_eq!(thin(points(50), 100).len(), 50);
}

fn chart(lines: Vec<Line>) -> Chart {
    let word = |value: f64| value.to_string();
    Chart {
        id: "c".into(),
        title: "a < b".into(),
        description: "d".into(),
        width: 300,
        height: 200,
        x: Axis::over(Scale::Linear, [0.0, 10.0], word),
        y: Axis::over(Scale::Log, [1.0, 1000.0], word),
        lines,
        rules: vec![Rule { x: 2.0, label: "<bound>".into() }],
        extras: Extras::default(),
    }
}

#[test]
fn colors_become_classes() {
    let line = Line {
        look: Look::NOBODY,
        name: "n".into(),
        points: vec![
            Point { x: 1.0, y: 2.0, text: "two".into(), ..Point::default() },
            Point { x: 5.0, y: 20.0, is_ringed: true, ..Point::default() },
        ],
        is_joined: true,
        is_marked: true,
    };
    let svg = svg(&chart(vec![line]), "one").into_string();
    assert!(!svg.contains("=\"#0"), "a color stayed: {svg}");
    for class in ["k k255 c9 d0 s", "f k k255 c9 d0", "axis", "grid", "ring", "rule"] {
        assert!(svg.contains(class), "no {class} in {svg}");
    }
    assert!(svg.contains("<title id=\"c-one-t\">a &lt; b</title>"));
    assert!(svg.contains("&lt;bound&gt;") && !svg.contains("<bound>"));
    assert!(svg.contains(",two\""), "{svg}");
}

#[test]
fn what_cannot_be_drawn_does_no_harm() {
    let point = |x, y| Point { x, y, ..Point::default() };
    let line = Line {
        look: Look::NOBODY,
        name: String::new(),
        points: vec![point(f64::NAN, f64::INFINITY), point(-1e300, 0.0), point(1e300, -4.0)],
        is_joined: true,
        is_marked: true,
    };
    let svg = svg(&chart(vec![line]), "one").into_string();
    assert!(svg.ends_with("</svg>"));
    for scale in [Scale::Linear, Scale::Log, Scale::Excess, Scale::Rows] {
        for values in [vec![], vec![f64::NAN], vec![0.0], vec![5.0, 5.0], vec![1e-300, 1e300]] {
            let axis = Axis::over(scale, values, |value| value.to_string());
            let [from, to] = axis.ends();
            assert!(from < to, "{scale:?}: {from} to {to}");
            assert!(axis.ticks().len() < 60);
        }
    }
}
